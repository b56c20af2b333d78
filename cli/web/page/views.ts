/** One of the tabs. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Shows how things are; called while it is visible. */
  render(): void;
  /** The colours have changed. */
  themed?(): void;
}
