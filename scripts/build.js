/*
 * What the compiler leaves to do: the Python beside the code, entries that load what a program uses, and one file for
 * the modules behind them. Node takes longer to find and read three hundred files than to compile what is in them.
 */
const fs = require('fs');
const path = require('path');

const ROOT = path.dirname(__dirname);
const LIB = path.join(ROOT, 'lib');
const COMPILED = path.join(LIB, 'compiled');
const IMPORTS = '../imports';

/** What Node loads by its own name: entries, the command line, and what shards of a fleet start with. */
const FILES = /^(?:index|(?:entry|testing|cli|fleet)\/.*)$/;

/** Files that name more than a program uses, and modules that do: each of their imports is loaded when it is used. */
const LAZY = [
  /^(?:index|entry\/.*)$/,
  /^(?:distributions\/distribution|capabilities\/dashboards\/dashboards)$/,
  /^cli\/(?:init|cluster|report|explain)\/commands?$/,
  /^cli\/explain\/explain$/,
];

/** The compiled modules by their names below lib/: `django-app/web`. */
function compiledModules() {
  const own = fs.readdirSync(COMPILED, { recursive: true }).map((file) => [file, path.join(COMPILED, file)]);
  const imports = fs
    .readdirSync(path.join(ROOT, 'imports'))
    .map((file) => [`${IMPORTS}/${file}`, path.join(ROOT, 'imports', file)]);
  return [...own, ...imports]
    .filter(([name]) => name.endsWith('.js'))
    .map(([name, file]) => ({
      name: name.split(path.sep).join('/').slice(0, -'.js'.length),
      text: fs.readFileSync(file, 'utf8'),
    }));
}

const all = compiledModules();

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

/** The text of a module in which `load` says how a module of ours is loaded, by its name. */
function withLoads({ name, text }, load) {
  const made = LAZY.some((pattern) => pattern.test(name)) ? lazy(text) : text;
  return made.replace(/\brequire\((["'])(\.[^"']*)\1\)/g, (_, quote, to) => {
    const found = path.posix.join(path.posix.dirname(name), to);
    if (!all.some((module) => module.name === found)) throw new Error(`${name}: there is no module ${found}`);
    return load(found);
  });
}

/** A path for `require`, from one of lib/ to another. */
function relative(from, to) {
  const found = path.posix.relative(path.posix.dirname(from), to);
  return found.startsWith('.') ? found : `./${found}`;
}

const isFile = (name) => FILES.test(name);
const quoted = JSON.stringify;

/** A file beside the one with the modules. */
function fileText(module) {
  const modules = quoted(relative(module.name, 'modules'));
  return withLoads(module, (name) =>
    isFile(name) ? `require(${quoted(relative(module.name, name))})` : `require(${modules})(${quoted(name)})`,
  );
}

/** The file with the modules: a function for each, which runs when the module is first asked for. */
function modulesText(modules) {
  const functions = modules.map((module) => {
    const text = withLoads(module, (name) =>
      isFile(name) ? `require(${quoted(`./${name}`)})` : `loadModule(${quoted(name)})`,
    );
    return `${quoted(module.name)}(exports, __dirname) {\n${text}},\n`;
  });
  return `const path = require("node:path");
const loaded = new Map();
/** What a module exports. One that is still running has exported a part, as in Node. */
module.exports = function loadModule(name) {
  if (loaded.has(name)) return loaded.get(name);
  const exports = {};
  loaded.set(name, exports);
  modules[name](exports, path.join(__dirname, path.dirname(name)));
  return exports;
};
const loadModule = module.exports;
const modules = {
${functions.join('')}};
`;
}

function write(name, text) {
  const file = path.join(LIB, `${name}.js`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

for (const module of all) if (isFile(module.name)) write(module.name, fileText(module));
write('modules', modulesText(all.filter(({ name }) => !isFile(name))));
fs.cpSync(path.join(ROOT, 'src/runtime/cdk8s_django'), path.join(LIB, 'runtime/cdk8s_django'), {
  recursive: true,
  filter: (file) => !file.includes('__pycache__'),
});
