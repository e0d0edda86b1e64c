/**
 * JSON objects out of a stream, one at a time: the elements of an array, or lines (jsonl, ndjson, json-seq). So a list of a
 * thousand containers is never in memory as a whole. Pure.
 */

const MOST_BYTES = 4 * 1024 * 1024;

/** `take` gets the text of each object of the outermost level. Gives false once an object is longer than any can be. */
export function objectSplitter(take: (text: string) => void): (text: string) => boolean {
  let pending = "";
  /** Where the search goes on in `pending`. */
  let at = 0;
  let depth = 0;
  let start = -1;
  let inText = false;
  return (text) => {
    pending += text;
    const mark = /["\\{}]/g;
    mark.lastIndex = at;
    at = pending.length;
    for (let found = mark.exec(pending); found !== null; found = mark.exec(pending)) {
      const char = found[0];
      if (inText) {
        if (char === '"') inText = false;
        else if (char === "\\") {
          // The escaped char may be in the next piece.
          if (mark.lastIndex >= pending.length) {
            at = found.index;
            break;
          }
          mark.lastIndex++;
        }
      } else if (char === '"') inText = depth > 0;
      else if (char === "{") {
        if (depth === 0) start = found.index;
        depth++;
      } else if (char === "}" && depth > 0) {
        depth--;
        if (depth === 0) {
          take(pending.slice(start, found.index + 1));
          start = -1;
        }
      }
    }
    const done = start >= 0 ? start : at;
    pending = pending.slice(done);
    at -= done;
    if (start >= 0) start = 0;
    return pending.length <= MOST_BYTES;
  };
}
