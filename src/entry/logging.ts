export { CloudLogging, type CloudLoggingProps, JsonLogging } from '../capabilities/logging/logging';
