import { application } from '../company';

export default application({
  name: 'shop',
  team: 'sales',
  image: 'registry.example.com/shop:2.3.1',
  settingsModule: 'shop.settings',
});
