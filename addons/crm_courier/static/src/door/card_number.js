/** A card's number must not stay on the phone, not even until it is sent: the same rules as on the server. */

const LONG_NUMBER = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g;
const IMEI_DIGITS = 15;
/** American Express has cards of 15 digits; no IMEI begins like this. */
const AMEX = ["34", "37"];

function passesLuhn(digits) {
    let sum = 0;
    for (let index = 0; index < digits.length; index++) {
        let digit = Number(digits[digits.length - 1 - index]);
        if (index % 2) {
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        }
        sum += digit;
    }
    return sum % 10 === 0;
}

function isCardNumber(digits) {
    if (!passesLuhn(digits) || /^0+$/.test(digits)) {
        return false;
    }
    return digits.length !== IMEI_DIGITS || AMEX.includes(digits.slice(0, 2));
}

/**
 * @param {string} text
 * @returns {boolean} whether there is a card's number in it; an IMEI passes the same check and is none
 */
export function hasCardNumber(text) {
    const numbers = String(text || "").match(LONG_NUMBER) || [];
    return numbers.some((number) => isCardNumber(number.replace(/\D/g, "")));
}
