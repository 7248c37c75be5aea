import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { CheckStep } from "./check_step";
import { OutcomeStep } from "./outcome_step";
import { PaymentStep } from "./payment_step";
import { SignatureStep } from "./signature_step";

const { DateTime } = luxon;

/** Links to find and to reach the customer; a phone opens them with its own programs. */
export class StopLinks extends Component {
    static template = "crm_courier.StopLinks";
    static props = { stop: Object };

    get phone() {
        return this.props.stop.phone_e164 || this.props.stop.phone.replace(/[^+\d]/g, "");
    }

    get whatsapp() {
        return this.props.stop.phone_e164.replace("+", "");
    }
}

/** One stop: its steps in their order, the one that is next open. */
export class StopPage extends Component {
    static template = "crm_courier.StopPage";
    static components = { CheckStep, OutcomeStep, PaymentStep, SignatureStep, StopLinks };
    static props = { stop: Object, number: Number, drafts: Object, back: Function };

    setup() {
        this.door = useState(useService("crm_courier_door"));
        this.state = useState({ open: "", as: "" });
    }

    // ------------------------------------------------------------------ what is done

    get stop() {
        return this.props.stop;
    }

    get outcomeEntry() {
        return this.door.pending(this.stop.id, "outcome");
    }

    get isOver() {
        return Boolean(this.stop.outcome && this.stop.outcome !== "not_home");
    }

    get handedOver() {
        return ["delivered", "partly"].includes(this.stop.outcome);
    }

    get canAct() {
        return Boolean(this.stop.can_act) && this.outcomeEntry?.status !== "waiting";
    }

    waits(kind, matches) {
        return this.door.pending(this.stop.id, kind, matches)?.status === "waiting";
    }

    isRefused(...kinds) {
        return this.door.refused.some((entry) => entry.stop_id === this.stop.id && kinds.includes(entry.kind));
    }

    /** @returns {"done"|"waiting"|""} of several things: done when all are, waiting when all are entered */
    _together(states) {
        if (states.every((state) => state === "done")) {
            return "done";
        }
        return states.every(Boolean) ? "waiting" : "";
    }

    /** Done when each unit is checked and CRM has answered about what is damaged (SOP-8c). */
    get checkState() {
        const { checks, units, can_ask, replacement } = this.stop;
        const states = units.map((unit) => {
            if (this.waits("check", (values) => values.unit_id === unit.id)) {
                return "waiting";
            }
            return checks[unit.id]?.condition ? "done" : "";
        });
        const damaged = this.waits("check", (values) => values.condition === "damaged");
        if (can_ask || damaged || this.waits("ask_replacement") || replacement?.state === "asked") {
            states.push(""); // it stays open: CRM's answer comes here
        }
        return this._together(states);
    }

    get paymentState() {
        const { card, cash } = this.stop;
        if (card?.required) {
            if (card.state === "approved") {
                return "done";
            }
            const approved = this.waits("card_swipe", (values) => values.result === "approved");
            return approved ? "waiting" : "";
        }
        if (!cash?.due || cash.taken >= cash.due) {
            return "done";
        }
        return this.waits("cash", (values) => values.amount > 0) ? "waiting" : "";
    }

    get signatureState() {
        return this._together(
            this.stop.signatures.map((paper) => {
                if (paper.signed) {
                    return "done";
                }
                return this.waits("sign", (values) => values.document === paper.document) ? "waiting" : "";
            })
        );
    }

    get outcomeState() {
        if (this.waits("outcome")) {
            return "waiting";
        }
        return this.isOver ? "done" : "";
    }

    /** Then nothing is handed over, paid or signed. */
    get allDamaged() {
        const { checks, units } = this.stop;
        return units.length > 0 && units.every((unit) => checks?.[unit.id]?.condition === "damaged");
    }

    /** @returns {Object[]} the steps that this stop has; of what came back those that were done */
    get steps() {
        const { checks, card, cash } = this.stop;
        const steps = [
            checks && {
                name: "check",
                title: _t("Check the goods"),
                state: this.checkState,
                refused: this.isRefused("check", "ask_replacement"),
            },
            (card?.required || cash?.due || cash?.taken) && {
                name: "payment",
                title: _t("Payment"),
                state: this.paymentState,
                refused: this.isRefused("card_check", "card_swipe", "cash"),
            },
            !this.allDamaged && {
                name: "sign",
                title: _t("Signatures"),
                state: this.signatureState,
                refused: this.isRefused("sign"),
            },
            {
                name: "outcome",
                title: _t("Hand over, or bring back"),
                state: this.outcomeState,
                refused: this.isRefused("outcome"),
            },
        ];
        const cameBack = this.isOver && !this.handedOver;
        return steps
            .filter((step) => step && (!cameBack || step.state || step.refused))
            .map((step, index) => ({ ...step, number: index + 1 }));
    }

    get missing() {
        return this.steps.filter((step) => step.name !== "outcome" && !step.state).map((step) => step.title);
    }

    // ------------------------------------------------------------------ what is open

    /** What the courier opened stays open until its state changes; then comes what is next. */
    get openStep() {
        const { open, as } = this.state;
        const opened = this.steps.find((step) => step.name === open);
        if (open === "none" || opened?.state === as) {
            return open;
        }
        return this.steps.find((step) => !step.state || step.refused)?.name || "";
    }

    toggle(step) {
        const open = this.openStep === step.name ? "none" : step.name;
        Object.assign(this.state, { open, as: step.state });
    }

    draft(name) {
        this.props.drafts[name] ||= {};
        return this.props.drafts[name];
    }

    // ------------------------------------------------------------------ what was sent

    get log() {
        const labels = {
            check: _t("Check"),
            ask_replacement: _t("Question to CRM"),
            card_check: _t("Card and identity"),
            card_swipe: _t("Card payment"),
            cash: _t("Cash"),
            sign: _t("Signature"),
            outcome: _t("Outcome"),
        };
        const mine = (entry) => entry.stop_id === this.stop.id;
        const papers = Object.fromEntries(this.stop.signatures.map((paper) => [paper.document, paper.label]));
        const line = (entry, status) => ({
            uuid: entry.uuid,
            status,
            label: [labels[entry.kind] || entry.kind, papers[entry.document || entry.values?.document]]
                .filter(Boolean)
                .join(": "),
            time: DateTime.fromISO(entry.made_at).toLocaleString(DateTime.TIME_SIMPLE),
            message: entry.message || "",
        });
        return [
            ...this.door.sent.filter(mine).map((entry) => line(entry, "done")),
            ...this.door.queue.filter(mine).map((entry) => line(entry, entry.status)),
        ];
    }

    plannedAt(stop) {
        return stop.planned_at ? formatDateTime(deserializeDateTime(stop.planned_at)) : "";
    }
}
