/** JSON Schema, draft 2020-12, and the objects of OpenAPI around it. References are `#/components/schemas/NAME`. */
export type JsonSchema = Readonly<Record<string, unknown>>;
