import { RawJson } from './raw-json.ts';

/** A JSON object as it came off the wire, whose members can be read and spliced without touching the rest. */
export class RawObject extends RawJson {
  // TODO(wire): see the brief
}
