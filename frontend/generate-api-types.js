// Usage: node generate-api-types.js SCHEMA.json > src/api/schema.ts
import { readFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const [schemaPath = ""] = process.argv.slice(2);
/** @type {unknown} */
const schema = JSON.parse(readFileSync(schemaPath, "utf8"));
const { openapi, info, components } = /** @type {import("openapi-typescript").OpenAPI3} */ (schema);
// Only the components: the pages call the paths through the classes in src/api.
const nodes = await openapiTS(JSON.stringify({ openapi, info, components, paths: {} }), {
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  rootTypesKeepCasing: true,
  defaultNonNullable: false,
  arrayLength: true,
});
process.stdout.write("// Generated from the OpenAPI schema by `make api-types`. Do not edit.\n\n");
process.stdout.write(astToString(nodes));
