import { application } from '../company';

export default application({
  name: 'blog',
  team: 'marketing',
  image: 'registry.example.com/blog:3.1.0',
  settingsModule: 'blog.settings',
});
