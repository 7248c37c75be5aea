import { parseFloat as parseLocal } from "@web/views/fields/parsers";

/** Return the amount that was typed, with a comma or a point as people write it; undefined if it is none. */
export function parseAmount(text) {
    const typed = String(text).replace(/[\s\u00a0\u202f]/g, "");
    if (/^\d+[.,]\d{1,2}$/.test(typed)) {
        return Number(typed.replace(",", "."));
    }
    try {
        return typed ? parseLocal(typed) : undefined;
    } catch {
        return undefined;
    }
}
