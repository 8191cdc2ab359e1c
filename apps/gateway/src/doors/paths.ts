export const endpointPath = '/mcp';
export const healthPath = '/health';
export const processesPath = '/processes';
export const metricsPath = '/metrics';

/** Where a profile is served. */
export function profilePath(profile: string): string {
  return `${endpointPath}/${encodeURIComponent(profile)}`;
}
