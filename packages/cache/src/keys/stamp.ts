/** One stamp of that of this process and that of the backend. */
export function joinStamps(near: string, far: string): string {
  return `${near} ${far}`;
}

export function splitStamp(stamp: string): { readonly near: string; readonly far: string } {
  const [near = '', far = ''] = stamp.split(' ');
  return { near, far };
}
