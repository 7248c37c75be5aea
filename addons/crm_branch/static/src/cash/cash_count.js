import { Component, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { useAutofocus } from "@web/core/utils/hooks";
import { parseAmount } from "./cash_amount";

/** Count the cash by notes and coins, or write its total (BR-12c). */
export class CashCount extends Component {
    static template = "crm_branch.CashCount";
    static props = {
        title: String,
        pieces: Array,
        currency: Number,
        button: String,
        busy: Boolean,
        error: { type: String, optional: true },
        confirm: Function,
        cancel: { type: Function, optional: true },
    };

    setup() {
        useAutofocus({ refName: "first" });
        this.state = useState({ lines: {}, total: "", reason: "", byTotal: !this.props.pieces.length });
    }

    get kinds() {
        return ["note", "coin"]
            .map((kind) => ({ kind, pieces: this.props.pieces.filter((piece) => piece.kind === kind) }))
            .filter(({ pieces }) => pieces.length);
    }

    get firstId() {
        return this.kinds[0]?.pieces[0].id;
    }

    quantity(piece) {
        return Number(this.state.lines[piece.id] || 0);
    }

    get sum() {
        if (this.state.byTotal) {
            return parseAmount(this.state.total) ?? 0;
        }
        const cents = this.props.pieces.map((piece) => Math.round(piece.value * 100) * this.quantity(piece));
        return cents.reduce((sum, value) => sum + value, 0) / 100;
    }

    format(amount) {
        return formatCurrency(amount, this.props.currency);
    }

    confirm() {
        const lines = Object.fromEntries(this.props.pieces.map((piece) => [piece.id, this.quantity(piece)]));
        const count = this.state.byTotal ? { total: parseAmount(this.state.total) ?? null } : { lines };
        this.props.confirm(count, this.state.reason.trim() || false);
    }
}
