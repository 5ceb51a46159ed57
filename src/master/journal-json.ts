/**
 * JSON that keeps what JSON cannot say: numbers that are not finite, which a task's limits may be (VAL-7). Such a number
 * is written `{"$number":"Infinity"}`; an object that looks like one of these marks is written as a list of its fields.
 * A function, which a payload in this process may be, is written `null`: what the machine does depends on whether there
 * is a payload, never on what it is.
 */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_name, field: unknown) => {
    if (typeof field === 'number' && !Number.isFinite(field)) return { $number: String(field) };
    if (typeof field === 'function' || typeof field === 'symbol') return null;
    if (isMark(field)) return { $fields: Object.entries(field) };
    return field;
  });
}

/** @throws SyntaxError for text that is not JSON. */
export function decode(text: string): unknown {
  return JSON.parse(text, (_name, field: unknown) => {
    if (!isMark(field)) return field;
    if ('$fields' in field && Array.isArray(field.$fields)) return Object.fromEntries(field.$fields);
    return '$number' in field ? Number(field.$number) : field;
  });
}

function isMark(value: unknown): value is { $number?: unknown; $fields?: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [name, more] = Object.keys(value);
  return more === undefined && (name === '$number' || name === '$fields');
}
