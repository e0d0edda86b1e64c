/** Whether a document fits the schema of its name, key by key. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { documentSchemas, type JsonSchema } from "./schemas.ts";

export const schemas = documentSchemas();

/** A reader of a document takes keys that it does not know; this test does not. */
function closed(schema: JsonSchema): JsonSchema {
  const result = { ...schema };
  if (schema.properties !== undefined) {
    const properties = Object.entries(schema.properties).map(([name, type]) => [name, closed(type)]);
    result.properties = Object.fromEntries(properties);
    result.additionalProperties = false;
  }
  if (schema.items !== undefined && schema.items !== false) result.items = closed(schema.items);
  if (schema.anyOf !== undefined) result.anyOf = schema.anyOf.map(closed);
  return result;
}

export const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const validators = new Map([...schemas].map(([file, schema]) => [file, ajv.compile(closed(schema))]));

/** What does not fit; "" when all does. */
export function misfit(document: unknown): string {
  const id = (document as { schema?: unknown }).schema;
  const file = `${String(id)
    .replace(/^procg\./, "")
    .replace("/v1", "")}.schema.json`;
  const validate = validators.get(file);
  if (validate === undefined) return `no schema ${file}`;
  return validate(document) ? "" : ajv.errorsText(validate.errors);
}
