import { _t } from "@web/core/l10n/translation";
import { DoorStep, EntryNote } from "./door_step";

/** What came of the delivery. */
export class OutcomeStep extends DoorStep {
    static template = "crm_courier.OutcomeStep";
    static components = { EntryNote };
    static props = { ...DoorStep.props, missing: Array };

    get outcomes() {
        const several = this.props.stop.units.length > 1;
        return [
            ["delivered", _t("Delivered"), "fa-check"],
            several && ["partly", _t("Partly delivered"), "fa-adjust"],
            ["brought_back", _t("Brought back"), "fa-undo"],
            ["not_home", _t("Nobody at home"), "fa-home"],
        ].filter(Boolean);
    }

    get handsOver() {
        return ["delivered", "partly"].includes(this.draft.outcome);
    }

    toggle(unit) {
        const back = this.draft.back || [];
        this.draft.back = back.includes(unit.id) ? back.filter((id) => id !== unit.id) : [...back, unit.id];
    }

    get problem() {
        const { outcome, note, back = [] } = this.draft;
        if (!outcome) {
            return _t("Choose what came of it.");
        }
        if (this.handsOver && this.props.missing.length) {
            return _t("Still missing: %s.", this.props.missing.join(", "));
        }
        if (outcome === "partly" && (!back.length || back.length === this.props.stop.units.length)) {
            return _t("Choose what comes back, and leave something.");
        }
        return outcome !== "delivered" && !(note || "").trim() ? _t("Say why not everything was delivered.") : "";
    }

    async save() {
        const { outcome, note, back } = this.draft;
        const values = {
            outcome,
            note: outcome === "delivered" ? "" : (note || "").trim(),
            back_unit_ids: outcome === "partly" ? back : [],
        };
        if (await this.enter("outcome", values)) {
            Object.assign(this.draft, { outcome: "", note: "", back: [] });
        }
    }
}
