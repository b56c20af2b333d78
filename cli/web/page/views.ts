/** One of the views. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Draws the current data; called while the view is visible. */
  render(): void;
  /** Called when the colors have changed. */
  themed?(): void;
}
