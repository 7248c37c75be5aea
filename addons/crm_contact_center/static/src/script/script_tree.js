import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const STEP = "crm.script.step";
const ANSWER = "crm.script.answer";

/** The steps of a script as a tree: each answer opens the step that it leads to. Saved as it is typed (CC-6a). */
export class ScriptTree extends Component {
    static template = "crm_contact_center.ScriptTree";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.kinds = [
            ["say", _t("Say")],
            ["ask", _t("Ask")],
            ["do", _t("Do")],
            ["offer", _t("Offer")],
        ];
        this.state = useState({ steps: [], answers: [], purposes: [], outcomes: [] });
        onWillStart(() => this.load());
        onWillUpdateProps((next) => next.record.resId !== this.scriptId && this.load(next.record.resId));
    }

    get scriptId() {
        return this.props.record.resId;
    }

    async load(scriptId = this.scriptId) {
        if (!scriptId) {
            Object.assign(this.state, { steps: [], answers: [] });
            return;
        }
        const of = [["script_id", "=", scriptId]];
        const [steps, answers, purposes, outcomes] = await Promise.all([
            this.orm.searchRead(STEP, of, ["name", "kind", "text", "sequence"], { order: "sequence, id" }),
            this.orm.searchRead(ANSWER, of, ["name", "step_id", "next_step_id", "purpose_id", "outcome_id"], {
                order: "sequence, id",
            }),
            this.orm.searchRead("crm.interaction.purpose", [], ["name"]),
            this.orm.searchRead("crm.interaction.outcome", [], ["name"]),
        ]);
        Object.assign(this.state, { steps, answers, purposes, outcomes });
    }

    /** Return the rows of the tree in their order: a step where it is first reached, elsewhere a link to it. */
    get rows() {
        const rows = [];
        const shown = new Set();
        const show = (step, depth) => {
            shown.add(step.id);
            rows.push({ key: `s${step.id}`, step, depth, answers: this.answersOf(step) });
            for (const answer of this.answersOf(step)) {
                const next = answer.next_step_id && this.state.steps.find((one) => one.id === answer.next_step_id[0]);
                rows.push({ key: `a${answer.id}`, answer, depth: depth + 1, again: next && shown.has(next.id) });
                if (next && !shown.has(next.id)) {
                    show(next, depth + 2);
                }
            }
        };
        for (const step of this.state.steps) {
            if (!shown.has(step.id)) {
                rows.push(...(rows.length ? [{ key: `l${step.id}`, lost: true, depth: 0 }] : []));
                show(step, 0);
            }
        }
        return rows;
    }

    answersOf(step) {
        return this.state.answers.filter((answer) => answer.step_id[0] === step.id);
    }

    /** Save the script first: steps belong to one. */
    async ready() {
        return this.scriptId || ((await this.props.record.save()) && this.scriptId);
    }

    async change(work) {
        await work;
        await this.load();
        await this.props.record.load();
    }

    write(model, id, field, ev) {
        const value = ev.target.value;
        const relation = field.endsWith("_id");
        return this.change(this.orm.write(model, [id], { [field]: relation ? Number(value) || false : value }));
    }

    async addStep(answer) {
        const scriptId = await this.ready();
        if (!scriptId) {
            return;
        }
        const sequence = Math.max(0, ...this.state.steps.map((step) => step.sequence)) + 10;
        const vals = { script_id: scriptId, name: _t("New step"), text: _t("What to say"), sequence };
        const [id] = await this.orm.create(STEP, [vals]);
        await this.change(answer && this.orm.write(ANSWER, [answer.id], { next_step_id: id }));
    }

    addAnswer(step) {
        return this.change(this.orm.create(ANSWER, [{ step_id: step.id, name: _t("Yes"), sequence: 100 }]));
    }

    remove(model, record) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete"),
            body: _t("“%s” is deleted. What it led to stays.", record.name),
            confirmLabel: _t("Delete"),
            confirm: () => this.change(this.orm.unlink(model, [record.id])),
            cancel: () => {},
        });
    }
}

registry.category("view_widgets").add("crm_script_tree", { component: ScriptTree });
