import * as core from '@modelcontextprotocol/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeError, encodeNotification, encodeRequest, encodeResult } from './encode.ts';
import { readEnvelope, type Envelope } from './envelope.ts';
import { RawObject, elements, rawArray } from './raw-object.ts';
import type { RawJson } from './raw-json.ts';

/** Where the example messages of the specification are: its folder `schema/2026-07-28/examples`, one folder a type. */
const folder = process.env['TOOLYARD_SPEC_EXAMPLES'];

interface Example {
  readonly type: string;
  readonly file: string;
  readonly bytes: Uint8Array;
}

const examples: Example[] =
  folder === undefined
    ? []
    : readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name: type }) =>
          readdirSync(join(folder, type))
            .filter((file) => file.endsWith('.json'))
            .map((file) => ({ type, file, bytes: readFileSync(join(folder, type, file)) })),
        );

/** Types that the SDK has no schema for under any name; one that gets a schema has to leave this list. */
const withoutSchema = ['InputRequests', 'InputRequiredResult', 'InputResponses'];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const isMessage = (bytes: Uint8Array): boolean => RawObject.read(bytes).has('jsonrpc');

/** Types where the SDK's schema of that name is of an older revision, with what makes it the one of 2026-07-28. */
const otherSchemas: Readonly<Record<string, z.ZodType>> = {
  // Has tools, which the SDK keeps in a schema of its own.
  CreateMessageResult: core.CreateMessageResultWithToolsSchema,
  // Has no `elicitationId` any more.
  ElicitRequestURLParams: core.ElicitRequestURLParamsSchema.omit({ elicitationId: true }),
};

/** What the SDK checks the type with. A response is checked as such, and its result by the schema of the result. */
function schemaOf(type: string): z.ZodType | undefined {
  if (Object.hasOwn(otherSchemas, type)) return otherSchemas[type];
  const named = Object.entries(core).find(([name]) => name === `${type}Schema`)?.[1];
  if (named instanceof z.ZodType) return named;
  const response = /^(\w+Result)Response$/.exec(type)?.[1];
  if (response !== undefined) {
    const result = schemaOf(response);
    return result && core.JSONRPCResultResponseSchema.extend({ result });
  }
  return type.endsWith('Error')
    ? z.union([core.JSONRPCErrorResponseSchema, core.JSONRPCErrorResponseSchema.shape.error])
    : undefined;
}

function payload(envelope: Envelope): { name: 'params' | 'result' | 'error'; value: RawObject; encoded: Uint8Array } {
  switch (envelope.kind) {
    case 'request':
      return {
        name: 'params',
        value: envelope.params,
        encoded: encodeRequest(envelope.id, envelope.method, envelope.params),
      };
    case 'notification':
      return { name: 'params', value: envelope.params, encoded: encodeNotification(envelope.method, envelope.params) };
    case 'result':
      return { name: 'result', value: envelope.result, encoded: encodeResult(envelope.id, envelope.result) };
    case 'error':
      return { name: 'error', value: envelope.error, encoded: encodeError(envelope.id, envelope.error) };
  }
}

/** Takes everything apart, down to the scalars, and builds it anew from the pieces. */
function rebuild(raw: RawJson): RawJson {
  if (raw instanceof RawObject) {
    return raw.keys().reduce((object, key) => object.with(key, rebuild(object.member(key) ?? raw)), raw);
  }
  const items = elements(raw);
  return items === undefined ? raw : rawArray(items.map(rebuild));
}

describe.skipIf(folder === undefined)(
  `the examples of the specification${folder === undefined ? ' (skipped: TOOLYARD_SPEC_EXAMPLES does not say where they are)' : ''}`,
  () => {
    it('are there', () => {
      expect(folder !== undefined && existsSync(folder)).toBe(true);
      expect(examples.length).toBeGreaterThanOrEqual(120);
      expect(examples.filter(({ bytes }) => isMessage(bytes)).length).toBeGreaterThanOrEqual(30);
    });

    it.each(examples.filter(({ bytes }) => isMessage(bytes)))(
      '$type/$file crosses as a message with its payload unchanged',
      ({ bytes }) => {
        const before = payload(readEnvelope(bytes));
        const original = RawObject.read(bytes).member(before.name);
        expect(hex(before.value.bytes)).toBe(hex(original?.bytes ?? new TextEncoder().encode('{}')));
        const after = payload(readEnvelope(before.encoded));
        expect(hex(after.value.bytes)).toBe(hex(before.value.bytes));
        expect(hex(after.encoded)).toBe(hex(before.encoded));
        const { params, ...rest } = JSON.parse(new TextDecoder().decode(before.encoded)) as Record<string, unknown>;
        const value = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
        expect({ ...rest, ...(params === undefined || !('params' in value) ? {} : { params }) }).toEqual(value);
      },
    );

    describe.each(examples)('$type/$file', ({ type, bytes }) => {
      it('is read and written back unchanged', () => {
        const object = RawObject.read(bytes);
        const text = new TextDecoder().decode(bytes);
        expect(hex(object.bytes)).toBe(hex(new TextEncoder().encode(text.trim())));
        expect(object.value).toEqual(JSON.parse(text));
        // Every member replaced by itself, one at a time and all at once.
        const members = Object.fromEntries(object.keys().map((key) => [key, object.member(key)]));
        expect(hex(object.patch(members).bytes)).toBe(hex(object.bytes));
        for (const [key, value] of Object.entries(members))
          expect(hex(object.with(key, value ?? object).bytes)).toBe(hex(object.bytes));
        expect(rebuild(object).value).toEqual(object.value);
      });

      it('is what the schema of its type says', () => {
        const schema = schemaOf(type);
        expect(schema === undefined).toBe(withoutSchema.includes(type));
        if (schema === undefined) return;
        const parsed = schema.safeParse(RawObject.read(bytes).value);
        expect(parsed.error).toBeUndefined();
      });
    });
  },
);
