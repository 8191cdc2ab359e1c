import { RawObject, rawArray } from '../../../wire/raw-object.ts';

/**
 * The same object with the objects in one of its arrays changed, or left out where `change` says `undefined`; elements that are no objects stay.
 * Nothing is copied where nothing changed, or where the member is no array.
 */
export function mapElements(
  object: RawObject,
  key: string,
  change: (element: RawObject) => RawObject | undefined,
): RawObject {
  const elements = object.array(key);
  if (elements === undefined) return object;
  let changed = false;
  const mapped = elements.flatMap((element) => {
    if (!(element instanceof RawObject)) return [element];
    const replacement = change(element);
    changed ||= replacement !== element;
    return replacement === undefined ? [] : [replacement];
  });
  return changed ? object.with(key, rawArray(mapped)) : object;
}
