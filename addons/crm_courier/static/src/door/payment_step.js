import { useEffect } from "@odoo/owl";
import { formatCurrency, getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";
import { DoorStep, EntryNote, PhotoField } from "./door_step";

/** As the server takes them: see crm_courier_card_door.py. */
const APPROVAL_CODE = /^[A-Za-z0-9]{6}$/;
const LAST_FOUR = /^[0-9]{4}$/;
const AUTHORISATION_CODE = /^[A-Za-z0-9]{4,12}$/;

/** What the customer pays: by card (SOP-12d … SOP-12h) or in cash. */
export class PaymentStep extends DoorStep {
    static template = "crm_courier.PaymentStep";
    static components = { EntryNote, PhotoField };

    setup() {
        super.setup();
        useEffect(
            () => this.correct(),
            () => [this.refusedSwipe?.uuid]
        );
    }

    get refusedSwipe() {
        const entry = this.pending("card_swipe");
        return entry?.status === "refused" ? entry : undefined;
    }

    /** What the server refused is there to be corrected: nobody types a slip twice. */
    correct() {
        if (this.refusedSwipe && !this.draft.result) {
            const { amount, terminal_id, ...texts } = this.refusedSwipe.values;
            Object.assign(this.draft, texts, { amount: this.typed(amount) });
        }
    }

    get card() {
        return this.props.stop.card || {};
    }

    get cash() {
        return this.props.stop.cash || {};
    }

    /** Whether the courier is to verify card and identity now, or again after a "no" that was none. */
    get verifies() {
        const { state } = this.card;
        return ["to_check", "voided"].includes(state) || (state === "stopped" && this.draft.again);
    }

    get swipes() {
        const yes = (values) => this.questions.every(([name]) => values[name]);
        return ["checked", "ask_bank"].includes(this.card.state) || this.waits("card_check", yes);
    }

    get questions() {
        return [
            ["consent", _t("The customer allows a copy of the identity card")],
            ["holder_present", _t("The holder of the card is the customer in front of me")],
            ["signature_matches", _t("The signature on the card is the one on the identity card")],
        ];
    }

    get allYes() {
        return this.questions.every(([name]) => this.draft[name] === true);
    }

    get anyNo() {
        return this.questions.some(([name]) => this.draft[name] === false);
    }

    /** @returns {string} what is missing before card and identity are checked */
    get checkProblem() {
        if (this.anyNo) {
            return "";
        }
        if (!this.allYes) {
            return _t("Answer all three questions.");
        }
        if (!this.draft.id_kind) {
            return _t("Choose which identity card the customer shows.");
        }
        return this.draft.id_photo ? "" : _t("Take a photo of the identity card.");
    }

    /** @returns {string} what the server would refuse, said while the customer is there, network or not */
    get swipeProblem() {
        const text = (name) => String(this.draft[name] || "").trim();
        if (this.draft.result !== "approved") {
            return "";
        }
        if (this.card.needs_authorisation && !AUTHORISATION_CODE.test(text("authorisation_code"))) {
            return _t("The bank's code has 4 to 12 letters or digits: call the bank first.");
        }
        if (!APPROVAL_CODE.test(text("approval_code"))) {
            return _t("The approval code on the slip has six letters or digits.");
        }
        return LAST_FOUR.test(text("last_four")) ? "" : _t("Enter the last four digits of the card.");
    }

    get idKinds() {
        return [
            ["ktp", _t("Identity card (KTP)")],
            ["sim", _t("Driving licence (SIM)")],
            ["passport", _t("Passport")],
        ];
    }

    get results() {
        return [
            ["approved", _t("Approved")],
            ["declined", _t("Declined")],
            ["do_not_honor", _t("Do not honor")],
        ];
    }

    get owesCash() {
        return this.cash.due > (this.cash.taken || 0);
    }

    get takeText() {
        return _t("Take %s in cash.", this.money(this.cash.due));
    }

    get paidText() {
        return this.cash.taken ? _t("Paid: %s in cash", this.money(this.cash.taken)) : _t("Paid");
    }

    get authoriseText() {
        return _t("Above %s: call the bank first.", this.money(this.card.authorise_above));
    }

    get swipeText() {
        return _t("Swipe %s.", this.card.amount_text);
    }

    get decimals() {
        return getCurrency(this.props.stop.currency_id)?.digits[1] ?? 0;
    }

    /** @returns {string} the keyboard for an amount */
    get inputMode() {
        return this.decimals ? "decimal" : "numeric";
    }

    /** @returns {string} an amount as somebody types it */
    typed(amount) {
        return formatFloat(amount || 0, { digits: [16, this.decimals] });
    }

    money(amount) {
        return formatCurrency(amount || 0, this.props.stop.currency_id);
    }

    async saveCheck() {
        const { id_kind, id_photo } = this.draft;
        const values = Object.fromEntries(this.questions.map(([name]) => [name, this.draft[name] === true]));
        Object.assign(values, this.allYes ? { id_kind, id_photo } : {});
        if (await this.enter("card_check", values)) {
            Object.assign(this.draft, { again: false, id_photo: "" });
            this.questions.forEach(([name]) => delete this.draft[name]);
        }
    }

    async saveSwipe() {
        const { result, amount, approval_code, last_four, authorisation_code } = this.draft;
        const values = { amount: this.parse(amount), result, terminal_id: this.card.terminal?.id || false };
        if (result === "approved") {
            Object.assign(values, { approval_code, last_four });
        }
        if (authorisation_code) {
            Object.assign(values, { authorisation_code });
        }
        if (await this.enter("card_swipe", values)) {
            Object.assign(this.draft, {
                result: "",
                amount: "",
                approval_code: "",
                last_four: "",
                authorisation_code: "",
            });
        }
    }

    saveCash() {
        return this.enter("cash", { amount: this.parse(this.draft.cash ?? this.typed(this.cash.due)) });
    }

    giveBack() {
        return this.enter("cash", { amount: 0 });
    }

    /**
     * @param {string} text an amount as it is typed: with or without separators, of whichever language
     * @returns {number} rupiahs have no decimals; of others what follows the last point or comma is cents
     */
    parse(text) {
        const number = String(text || "").replace(/[^0-9.,]/g, "");
        const cents = this.decimals && number.match(new RegExp(`[.,]([0-9]{1,${this.decimals}})$`));
        const whole = cents ? number.slice(0, cents.index) : number;
        return Number(`${whole.replace(/[.,]/g, "")}.${cents ? cents[1] : 0}`);
    }
}
