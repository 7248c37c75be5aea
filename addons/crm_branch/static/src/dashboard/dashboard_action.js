import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "crm.branch.dashboard";

/** The targets of points of sale beside what was reached, by month (BR-G1, BR-G2, BR-G3, BR-16). */
export class BranchDashboard extends Component {
    static template = "crm_branch.BranchDashboard";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ figures: false, month: false, branchId: false });
        onWillStart(() => this.load());
    }

    get figures() {
        return this.state.figures;
    }

    async load() {
        this.state.figures = await this.orm.call(MODEL, "action_figures", [this.state.month, this.state.branchId]);
        this.state.month = this.state.figures.month;
    }

    async show(month) {
        this.state.month = month;
        await this.load();
    }

    async choose(branchId) {
        this.state.branchId = Number(branchId) || false;
        await this.load();
    }

    async open(what, branchId = this.state.branchId, month = this.state.month) {
        this.action.doAction(await this.orm.call(MODEL, "action_open", [what, month, branchId]));
    }

    money(amount) {
        return formatCurrency(amount, this.figures.currency_id);
    }

    number(value) {
        return formatFloat(value, { digits: [16, 2], trailingZeros: false });
    }

    /** The share in whole percent, as a text; a dash where there is nothing to be part of. */
    share(part, whole) {
        return whole ? `${Math.round((100 * part) / whole)}%` : "–";
    }

    partOf(part, whole) {
        return _t("%(part)s of %(whole)s", { part, whole });
    }

    get withinTime() {
        return _t("within %s minutes", this.figures.minutes);
    }

    get plannedUnits() {
        const { units, planned_units: planned } = this.figures.total;
        return _t("%(sold)s of %(planned)s planned units (%(share)s)", {
            sold: this.number(units),
            planned: this.number(planned),
            share: this.share(units, planned),
        });
    }

    waiting(row) {
        return row.signed + row.submitted + row.approved + row.sent;
    }

    tone(reached) {
        return reached ? "text-success" : "text-danger";
    }
}

registry.category("actions").add("crm_branch.dashboard", BranchDashboard);
