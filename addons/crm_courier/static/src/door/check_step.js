import { _t } from "@web/core/l10n/translation";
import { DoorStep, EntryNote, PhotoField } from "./door_step";

/** Each handset is looked at in front of the customer (SOP-8a); for a damaged one CRM is asked (SOP-8c). */
export class CheckStep extends DoorStep {
    static template = "crm_courier.CheckStep";
    static components = { EntryNote, PhotoField };

    /** @returns {Object|undefined} the entry about a unit that the server hasn't taken */
    entry(unit) {
        return this.pending("check", (values) => values.unit_id === unit.id);
    }

    /** @returns {{condition: string, note: string}} what was last said, whether or not the server knows it */
    said(unit) {
        const entry = this.entry(unit);
        return entry?.status === "waiting" ? entry.values : this.props.stop.checks[unit.id] || {};
    }

    get anyDamaged() {
        return this.props.stop.units.some((unit) => this.said(unit).condition === "damaged");
    }

    get replacement() {
        return this.props.stop.replacement;
    }

    get canAsk() {
        const damaged = this.waits("check", (values) => values.condition === "damaged");
        return (this.props.stop.can_ask || damaged) && !this.waits("ask_replacement") && this.replacement?.state !== "asked";
    }

    async ok(unit) {
        this.draft.unit = false;
        await this.enter("check", { unit_id: unit.id, condition: "ok" }, (values) => values.unit_id === unit.id);
    }

    /** Ask what is wrong, before anything is said. */
    damaged(unit) {
        Object.assign(this.draft, { unit: unit.id, note: this.said(unit).note || "", photo: "", count: unit.quantity });
    }

    async saveDamaged(unit) {
        if (!this.draft.note.trim()) {
            this.notification.add(_t("Say what is wrong with it."), { type: "danger" });
            return;
        }
        const { note, photo } = this.draft;
        const values = { unit_id: unit.id, condition: "damaged", note: note.trim(), photo };
        if (unit.quantity > 1) {
            values.quantity = Number(this.draft.count);
        }
        if (await this.enter("check", values, (other) => other.unit_id === unit.id)) {
            Object.assign(this.draft, { unit: false, note: "", photo: "" });
        }
    }

    ask() {
        return this.enter("ask_replacement", { note: "" });
    }
}
