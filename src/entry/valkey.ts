export {
  PlatformValkey,
  type PlatformValkeyProps,
  type ValkeyServer,
} from '../capabilities/valkey/platform-valkey';
