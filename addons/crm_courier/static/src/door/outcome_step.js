import { _t } from "@web/core/l10n/translation";
import { DoorStep, EntryNote } from "./door_step";

/** What came of the delivery. */
export class OutcomeStep extends DoorStep {
    static template = "crm_courier.OutcomeStep";
    static components = { EntryNote };
    static props = { ...DoorStep.props, missing: Array };

    setup() {
        super.setup();
        if (this.damaged.length && !this.draft.note) {
            this.draft.note = this.damaged.map((unit) => this.condition(unit).note).join(", ");
        }
    }

    condition(unit) {
        const entry = this.pending("check", (values) => values.unit_id === unit.id);
        return entry?.status === "waiting" ? entry.values : this.props.stop.checks?.[unit.id] || {};
    }

    /** @returns {Object[]} the units that come back in any case */
    get damaged() {
        return this.props.stop.units.filter((unit) => this.condition(unit).condition === "damaged");
    }

    get outcomes() {
        const { units } = this.props.stop;
        const none = this.damaged.length === 0;
        const some = units.length > 1 && this.damaged.length < units.length;
        return [
            none && ["delivered", _t("Delivered"), "fa-check"],
            some && ["partly", _t("Partly delivered"), "fa-adjust"],
            ["brought_back", _t("Brought back"), "fa-undo"],
            ["not_home", _t("Nobody at home"), "fa-home"],
        ].filter(Boolean);
    }

    get handsOver() {
        return ["delivered", "partly"].includes(this.draft.outcome);
    }

    get whyText() {
        return this.draft.outcome === "not_home"
            ? _t("What you tried: rang, called, asked a neighbour")
            : _t("What the customer said, or what is wrong");
    }

    /** @returns {number[]} ids of what comes back */
    get back() {
        return [...new Set([...this.damaged.map((unit) => unit.id), ...(this.draft.back || [])])];
    }

    toggle(unit) {
        const back = this.draft.back || [];
        this.draft.back = back.includes(unit.id) ? back.filter((id) => id !== unit.id) : [...back, unit.id];
    }

    get problem() {
        const { outcome, note } = this.draft;
        const { back } = this;
        if (!outcome) {
            return _t("Choose what came of it.");
        }
        if (this.props.stop.can_ask) {
            return _t("Ask CRM about a replacement first.");
        }
        if (this.props.stop.replacement?.state === "asked") {
            return _t("CRM hasn't answered yet: wait, or call them.");
        }
        if (this.handsOver && this.props.missing.length) {
            return _t("Still missing: %s.", this.props.missing.join(", "));
        }
        if (outcome === "partly" && (!back.length || back.length === this.props.stop.units.length)) {
            return _t("Choose what comes back, and leave something.");
        }
        if (outcome === "delivered" || (note || "").trim()) {
            return "";
        }
        return outcome === "not_home" ? _t("Say what you tried.") : _t("Say why not everything was delivered.");
    }

    async save() {
        const { outcome, note } = this.draft;
        const values = {
            outcome,
            note: outcome === "delivered" ? "" : (note || "").trim(),
            back_unit_ids: outcome === "partly" ? this.back : [],
        };
        if (await this.enter("outcome", values)) {
            Object.assign(this.draft, { outcome: "", note: "", back: [] });
        }
    }
}
