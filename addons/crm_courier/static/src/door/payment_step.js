import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { DoorStep, EntryNote, PhotoField } from "./door_step";

/** What the customer pays: by card (SOP-12d … SOP-12h) or in cash. */
export class PaymentStep extends DoorStep {
    static template = "crm_courier.PaymentStep";
    static components = { EntryNote, PhotoField };

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

    get canSaveCheck() {
        return this.anyNo || (this.allYes && this.draft.id_kind && this.draft.id_photo);
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
        const values = { amount: this.digits(amount), result, terminal_id: this.card.terminal?.id || false };
        if (result === "approved") {
            Object.assign(values, { approval_code, last_four });
        }
        if (authorisation_code) {
            Object.assign(values, { authorisation_code });
        }
        if (await this.enter("card_swipe", values)) {
            Object.assign(this.draft, { result: "", amount: "", approval_code: "", last_four: "" });
        }
    }

    saveCash() {
        return this.enter("cash", { amount: this.digits(this.draft.cash ?? this.cash.due) });
    }

    giveBack() {
        return this.enter("cash", { amount: 0 });
    }

    /** @returns {number} an amount as it is typed: with or without separators, as rupiahs are */
    digits(text) {
        return Number(String(text || "").replace(/[^0-9]/g, ""));
    }
}
