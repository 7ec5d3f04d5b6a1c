/** Ports at which Furrow's own processes listen inside their tasks. */
export const PORTS = { https: 443, api: 8080, ingest: 9464, downlink: 9464 } as const;
/** PostgreSQL's. */
export const REGISTRY_PORT = 5432;
/** InfluxDB's. */
export const INFLUX_PORT = 8086;
