export const compilers = [];
