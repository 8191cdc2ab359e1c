import { expect, it } from 'vitest';
import { foreignMethod } from '../testing/foreign.ts';
import { decodeMessage, encodedSize, encodeMessage } from './message.ts';
import { connectMethod } from './service.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const loaded = foreignMethod();

it('has the path and the shape that the published .proto gives it', () => {
  expect(loaded.path).toBe('/toolyard.mcp.v1.Mcp/Connect');
  const { path, requestStream, responseStream } = connectMethod;
  expect({ path, requestStream, responseStream }).toEqual({
    path: loaded.path,
    requestStream: loaded.requestStream,
    responseStream: loaded.responseStream,
  });
});

it('writes field 1, its length, and the JSON', () => {
  expect(encodeMessage(Buffer.from('{}')).toString('hex')).toBe('0a027b7d');
  expect(encodeMessage(Buffer.alloc(300, ' ')).subarray(0, 4).toString('hex')).toBe('0aac0220');
});

it.each([1, 2, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152])(
  'writes and reads %i bytes as protobufjs does',
  (size) => {
    const json = Buffer.alloc(size, 'é');
    const ours = encodeMessage(json);
    expect(ours.equals(loaded.requestSerialize({ json }))).toBe(true);
    expect(ours.byteLength).toBe(encodedSize(size));
    expect(Buffer.compare(decodeMessage(ours), json)).toBe(0);
    expect(Buffer.compare(loaded.responseDeserialize(ours).json, json)).toBe(0);
  },
);

it('reads a message without JSON as an empty one, as protobuf has it', () => {
  expect(decodeMessage(new Uint8Array())).toEqual(new Uint8Array());
  expect(decodeMessage(Buffer.from('0a00', 'hex'))).toEqual(Buffer.alloc(0));
});

it('skips fields that a later revision may add, and takes the last of several', () => {
  // 2: varint 300, 3: fixed64, 4: "xx", 5: fixed32, 1: "a", 1: "b", 1000: varint 1.
  const bytes = Buffer.from(
    ['10ac02', '190102030405060708', '22027878', '2d01020304', '0a0161', '0a0162', 'c03e01'].join(''),
    'hex',
  );
  expect(text(decodeMessage(bytes))).toBe('b');
  expect(text(loaded.responseDeserialize(bytes).json)).toBe('b');
});

it.each([
  ['a length beyond the end', '0a057b7d'],
  ['a length beyond 2^32', '0affffffffff0f7b'],
  ['nothing after a tag', '0a'],
  ['a number that never ends', '08ffffffffffffffffffff01'],
  ['a fixed field that is cut off', '0d0102'],
  ['a wire type that is not known', '0f01'],
  ['field number 0', '0200'],
])('refuses %s', (_, hex) => {
  expect(() => decodeMessage(Buffer.from(hex, 'hex'))).toThrow('Malformed message');
});

it('agrees with protobufjs on bytes that chance has made, wherever it reads them', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  // Without the tags of field 1 in other wire types: protobufjs takes them for it, which protobuf does not allow.
  const alphabet = [0, 1, 2, 3, 4, 5, 6, 7, 10, 10, 10, 10, 16, 17, 18, 21];
  let compared = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(Array.from({ length: random(12) }, () => alphabet[random(alphabet.length)] ?? 0));
    let ours: Uint8Array;
    try {
      ours = decodeMessage(bytes);
    } catch {
      continue;
    }
    // Ours never reads what protobufjs refuses.
    const theirs = text(loaded.responseDeserialize(bytes).json);
    expect({ bytes: bytes.toString('hex'), json: text(ours) }).toEqual({ bytes: bytes.toString('hex'), json: theirs });
    compared++;
  }
  expect(compared).toBeGreaterThan(1_000);
});
