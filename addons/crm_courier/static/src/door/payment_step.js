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

    get needsCode() {
        return this.card.amount > this.card.authorise_above;
    }

    money(amount) {
        return formatCurrency(amount || 0, this.props.stop.currency_id);
    }

    async saveCheck() {
        const { consent, holder_present, signature_matches, id_kind, id_photo } = this.draft;
        const values = {
            consent: Boolean(consent),
            holder_present: Boolean(holder_present),
            signature_matches: Boolean(signature_matches),
            id_kind: id_kind || "",
            id_photo: id_photo || "",
        };
        if (await this.enter("card_check", values)) {
            this.draft.id_photo = "";
        }
    }

    async saveSwipe() {
        const { result, terminal_id, approval_code, last_four, authorisation_code } = this.draft;
        const values = {
            amount: this.card.amount,
            result: result || "",
            terminal_id: (terminal_id || "").trim(),
            approval_code: (approval_code || "").trim(),
            last_four: (last_four || "").trim(),
            authorisation_code: (authorisation_code || "").trim(),
        };
        if (await this.enter("card_swipe", values)) {
            Object.assign(this.draft, { result: "", approval_code: "", last_four: "", authorisation_code: "" });
        }
    }

    saveCash() {
        const amount = Number(String(this.draft.cash ?? this.cash.due).replace(/[^0-9]/g, ""));
        return this.enter("cash", { amount });
    }
}
