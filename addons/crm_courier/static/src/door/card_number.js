/** A card's number must not stay on the phone, not even until it is sent. The server looks again, and closer. */

/** First digits from, to; lengths: as in crm_sop_sales/card_number.py. */
const ISSUERS = [
    ["4", "4", [13, 16, 19]],
    ["51", "55", [16]],
    ["2221", "2720", [16]],
    ["34", "34", [15]],
    ["37", "37", [15]],
    ["300", "305", [14, 15, 16, 17, 18, 19]],
    ["3095", "3095", [14, 15, 16, 17, 18, 19]],
    ["36", "36", [14, 15, 16, 17, 18, 19]],
    ["38", "39", [14, 15, 16, 17, 18, 19]],
    ["3528", "3589", [16, 17, 18, 19]],
    ["1800", "1800", [15]],
    ["2131", "2131", [15]],
    ["6011", "6011", [16, 17, 18, 19]],
    ["644", "659", [16, 17, 18, 19]],
    ["62", "62", [16, 17, 18, 19]],
    ["81", "82", [16, 17, 18, 19]],
    ["2200", "2205", [16, 17, 18, 19]],
    ["1946", "1946", [16, 17, 18, 19]],
    ["9792", "9792", [16]],
    ["50", "50", [16, 17, 18, 19]],
    ["56", "69", [16, 17, 18, 19]],
    ["5018", "5018", [13, 14, 15]],
    ["5020", "5020", [13, 14, 15]],
    ["5038", "5038", [13, 14, 15]],
    ["5893", "5893", [13, 14, 15]],
    ["6304", "6304", [13, 14, 15]],
    ["6390", "6390", [13, 14, 15]],
    ["6759", "6763", [13, 14, 15]],
];
const [SHORTEST, LONGEST] = [13, 19];
/** Longer ones stand by themselves: an IMEI and a quantity beside it aren't one number. */
const LONGEST_GROUP = 8;
const CHAIN = /[0-9](?:[\s\u200b._/·•\-\u2010-\u2015\u2212]{0,3}[0-9])*/gu;
const IMEI_DIGITS = 15;
const AMEX = ["34", "37"];

function passesLuhn(digits) {
    let sum = 0;
    for (let index = 0; index < digits.length; index++) {
        const digit = Number(digits[digits.length - 1 - index]);
        sum += index % 2 ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
    }
    return sum % 10 === 0;
}

function isCardNumber(digits) {
    if (digits.length === IMEI_DIGITS && !AMEX.includes(digits.slice(0, 2))) {
        return false;
    }
    const issued = ISSUERS.some(([from, to, lengths]) => {
        const start = digits.slice(0, from.length);
        return start >= from && start <= to && lengths.includes(digits.length);
    });
    return issued && passesLuhn(digits);
}

/**
 * @param {string} text
 * @returns {boolean} whether there is a card's number in it, in groups or not; an IMEI passes the same check and is none
 */
export function hasCardNumber(text) {
    const chains = String(text || "").normalize("NFKC").match(CHAIN) || [];
    return chains.some((chain) => {
        const groups = chain.match(/[0-9]+/g);
        return groups.some((group, first) => {
            let digits = "";
            for (const next of groups.slice(first)) {
                if (digits && Math.max(next.length, groups[first].length) > LONGEST_GROUP) {
                    return false;
                }
                digits += next;
                if (digits.length > LONGEST) {
                    return false;
                }
                if (digits.length >= SHORTEST && isCardNumber(digits)) {
                    return true;
                }
            }
            return false;
        });
    });
}
