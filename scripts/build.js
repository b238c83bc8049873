// What the compiler leaves to do: the Python beside the code, and entries that load what a program uses.
const fs = require('fs');
const path = require('path');

const LIB = path.join(path.dirname(__dirname), 'lib');

/** The modules that name more than a program uses: each of their imports is loaded when it is used. */
function lazyModules() {
  const entries = fs.readdirSync(path.join(LIB, 'entry')).filter((name) => name.endsWith('.js'));
  const commands = ['cli/init/command.js', 'cli/cluster/commands.js', 'cli/report/command.js'];
  const explaining = ['cli/explain/command.js', 'cli/explain/explain.js'];
  return [
    'index.js',
    'distributions/distribution.js',
    'capabilities/dashboards/dashboards.js',
    ...commands,
    ...explaining,
    ...entries.map((name) => `entry/${name}`),
  ];
}

/**
 * A module whose imports of ours are objects with a getter for each name that it uses. Node finds the names that a
 * module exports for `import` only where a getter returns the property of a variable, so the variables stay.
 */
function lazy(text) {
  return text.replace(/^(var|const) (\w+_\d+) = (require\("\.[^"]*"\));$/gm, (_, keyword, variable, call) => {
    const names = new Set(
      [...text.matchAll(new RegExp(`\\b${variable}\\.(\\w+)`, 'g'))].map(([, name]) => name),
    );
    const getters = [...names].map((name) => `get ${name}() { return ${call}.${name}; }`);
    return `${keyword} ${variable} = { ${getters.join(', ')} };`;
  });
}

for (const name of lazyModules()) {
  const file = path.join(LIB, name);
  const before = fs.readFileSync(file, 'utf8');
  const after = lazy(before);
  if (after !== before) fs.writeFileSync(file, after);
}
fs.cpSync(path.join(LIB, '../src/runtime/cdk8s_django'), path.join(LIB, 'runtime/cdk8s_django'), {
  recursive: true,
  filter: (file) => !file.includes('__pycache__'),
});
