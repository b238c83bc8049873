// Cuts custom resource definitions to the fields of imports/fields.yaml, then generates the bindings:
//   node imports/scripts/cut.js FOLDER_OF_FULL_DEFINITIONS
// A kind that the folder lacks is cut again from its committed definition.
const fs = require('fs');
const path = require('path');
const yaml = require('yaml');
const { generate } = require('./generate');

const IMPORTS = path.dirname(__dirname);
const DEFINITIONS = path.join(IMPORTS, 'definitions');
const HEADER = '# Made by imports/scripts/cut.js from the list in imports/fields.yaml.\n';

// Not read by the generator. The rules and unions of an object may also name fields that are cut.
const UNUSED = /^(description|x-kubernetes-(validations|list-type|list-map-keys|map-type))$/;
const UNUSED_OF_OBJECT = /^(oneOf|anyOf|allOf|not)$/;

/** `a.{b.{c,d},e}` → `a.b.c`, `a.b.d`, `a.e` */
function expand(line) {
  const braces = /([^{},]*)\{([^{}]*)\}/;
  let paths = line;
  while (braces.test(paths)) {
    paths = paths.replace(braces, (_, before, names) => names.replace(/[^,]+/g, (name) => before + name));
  }
  return paths.split(',');
}

/** Paths as a tree; what is kept whole is null. */
function toTree(lines) {
  const tree = {};
  for (const fieldPath of lines.flatMap(expand)) {
    const names = fieldPath.split('.');
    const last = names.pop();
    let parent = tree;
    for (const name of names) {
      if (parent && !(name in parent)) parent[name] = {};
      parent = parent?.[name];
    }
    if (!parent || last in parent) {
      throw new Error(`${fieldPath} is listed twice, or together with an object that it is part of`);
    }
    parent[last] = null;
  }
  return tree;
}

/** The schema with only the fields of the tree (all of them if it is null). */
function cut(schema, fields, at) {
  const kept = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!UNUSED.test(keyword) && !(schema.properties && UNUSED_OF_OBJECT.test(keyword))) {
      kept[keyword] = value;
    }
  }
  if (schema.items) {
    kept.items = cut(schema.items, fields, at);
  } else if (fields || schema.properties) {
    kept.properties = cutProperties(schema, fields, at);
    kept.required = requiredOf(schema, kept.properties, at);
    if (!kept.required.length) delete kept.required;
  } else if (schema.additionalProperties?.type) {
    kept.additionalProperties = cut(schema.additionalProperties, null, at);
  }
  return kept;
}

function cutProperties(schema, fields, at) {
  const kept = {};
  for (const key of Object.keys(fields ?? schema.properties)) {
    const name = key.replace('[]', '');
    const field = schema.properties?.[name];
    const below = fields?.[key] ?? null;
    if (!field) throw new Error(`${at}${name} does not exist`);
    if (below && key.endsWith('[]') !== (field.type === 'array')) {
      throw new Error(`${at}${key} ${field.type === 'array' ? 'needs a [], as an' : 'is no'} array`);
    }
    kept[name] = cut(field, below, `${at}${key}.`);
  }
  return kept;
}

function requiredOf(schema, kept, at) {
  const required = schema.required ?? [];
  for (const name of required) {
    const field = schema.properties?.[name];
    if (field && field.default === undefined && !(name in kept)) {
      throw new Error(`${at}${name} is required: list it`);
    }
  }
  return required.filter((name) => name in kept);
}

function cutDefinition(definition, fieldsOfVersions) {
  const { group, names, scope, versions } = definition.spec;
  return {
    apiVersion: definition.apiVersion,
    kind: definition.kind,
    metadata: { name: definition.metadata.name },
    spec: {
      group,
      names,
      scope,
      versions: Object.entries(fieldsOfVersions).map(([name, lines]) => {
        const version = versions.find((v) => v.name === name);
        if (!version) throw new Error(`version ${name} does not exist`);
        const { served, storage, schema } = version;
        const openAPIV3Schema = cut(schema.openAPIV3Schema, toTree(['metadata', ...lines]), '');
        return { name, served, storage, schema: { openAPIV3Schema } };
      }),
    },
  };
}

/** The definitions below a folder, by `<group>/<kind>`. */
function read(folder) {
  const found = {};
  for (const file of fs.readdirSync(folder, { recursive: true }).sort()) {
    if (!/\.ya?ml$/.test(file)) continue;
    for (const document of yaml.parseAllDocuments(fs.readFileSync(path.join(folder, file), 'utf8'))) {
      if (document.errors.length) throw new Error(`${file}: ${document.errors[0].message}`);
      const object = document.toJS();
      if (object?.kind !== 'CustomResourceDefinition') continue;
      const key = `${object.spec.group}/${object.spec.names.kind}`;
      if (found[key]) throw new Error(`${file}: ${key} is defined twice`);
      found[key] = object;
    }
  }
  return found;
}

function main(folder) {
  if (!folder) throw new Error('usage: node imports/scripts/cut.js FOLDER_OF_FULL_DEFINITIONS');
  const definitions = { ...(fs.existsSync(DEFINITIONS) && read(DEFINITIONS)), ...read(folder) };
  const files = {};
  const list = yaml.parse(fs.readFileSync(path.join(IMPORTS, 'fields.yaml'), 'utf8'));
  for (const [group, kinds] of Object.entries(list)) {
    for (const [kind, fieldsOfVersions] of Object.entries(kinds)) {
      const definition = definitions[`${group}/${kind}`];
      if (!definition) throw new Error(`${group}/${kind}: no definition in ${folder}`);
      try {
        const text = yaml.stringify(cutDefinition(definition, fieldsOfVersions), { lineWidth: 0 });
        files[path.join(group, `${definition.spec.names.plural}.yaml`)] = HEADER + text;
      } catch (error) {
        throw new Error(`${group}/${kind}: ${error.message}`, { cause: error });
      }
    }
  }
  // The folders alone: the definitions of the Kubernetes API lie beside them.
  for (const group of fs.readdirSync(DEFINITIONS, { withFileTypes: true })) {
    if (group.isDirectory()) fs.rmSync(path.join(DEFINITIONS, group.name), { recursive: true });
  }
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.join(DEFINITIONS, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(DEFINITIONS, file), text);
  }
  generate();
}

try {
  main(process.argv[2]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
