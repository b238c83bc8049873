export {
  PlatformValkey,
  type PlatformValkeyProps,
  type ValkeyServer,
} from '../capabilities/valkey/platform-valkey';
export { ValkeySentinel, type ValkeySentinelProps } from '../valkey-sentinel/valkey-sentinel';
