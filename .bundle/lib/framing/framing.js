export {};
//# sourceMappingURL=framing.js.map