import { becomeShard } from './shards';

becomeShard();
