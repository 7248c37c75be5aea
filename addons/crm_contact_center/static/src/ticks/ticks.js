import { onMounted, onPatched, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

/** Return the milliseconds since 1970 of a moment as the server writes it (UTC). */
export function toMoment(text) {
    return text ? Date.parse(`${text.replace(" ", "T")}Z`) : undefined;
}

/** Return seconds as 0:07, 12:30 or 1:02:03. */
export function formatSeconds(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * Let times within an element go on every second, without rendering anything anew: hundreds of them cost nothing.
 * An empty element with data-since shows the time since that moment (ms); data-limit (s) marks it, once it is longer,
 * with the class o_late. One with data-until counts down to a moment, then up again, marked.
 *
 * @param {{el: HTMLElement}} root
 * @param {() => number} offset how much the server's clock is ahead (ms)
 */
export function useTicks(root, offset) {
    const tick = () => {
        const now = Date.now() + offset();
        for (const el of root.el?.querySelectorAll("[data-since], [data-until]") || []) {
            const { since, until, limit } = el.dataset;
            const seconds = until ? (Number(until) - now) / 1000 : (now - Number(since)) / 1000;
            const text = formatSeconds(until ? Math.abs(seconds) : seconds);
            if (el.textContent !== text) {
                el.textContent = text;
            }
            el.classList.toggle("o_late", until ? seconds < 0 : Number(limit) > 0 && seconds > Number(limit));
        }
    };
    let timer;
    onMounted(() => {
        tick();
        timer = browser.setInterval(tick, 1000);
    });
    onPatched(tick);
    onWillUnmount(() => browser.clearInterval(timer));
}
