import { afterwards } from './afterwards.js';

/** Reports another version of Node until the spec is over. */
export function pretendNode(version: string): void {
  const own = Object.getOwnPropertyDescriptor(process, 'versions') as PropertyDescriptor;
  afterwards(() => void Object.defineProperty(process, 'versions', own));
  Object.defineProperty(process, 'versions', { ...own, value: { ...process.versions, node: version } });
}
