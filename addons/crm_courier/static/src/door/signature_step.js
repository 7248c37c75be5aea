import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { DoorStep, EntryNote } from "./door_step";
import { SignatureDialog } from "./signature_dialog";

/** The customer signs each paper (SOP-12i). */
export class SignatureStep extends DoorStep {
    static template = "crm_courier.SignatureStep";
    static components = { EntryNote };

    setup() {
        super.setup();
        this.dialog = useService("dialog");
    }

    entry(paper) {
        return this.pending("sign", (values) => values.document === paper.document);
    }

    isSigned(paper) {
        return paper.signed || this.entry(paper)?.status === "waiting";
    }

    get unsigned() {
        return this.props.stop.signatures.filter((paper) => !this.isSigned(paper));
    }

    /** Have a paper signed, then the next one that isn't. */
    sign(paper) {
        const { stop } = this.props;
        const place = stop.signatures.findIndex((other) => other.document === paper.document) + 1;
        this.dialog.add(SignatureDialog, {
            title: _t("%(paper)s (%(place)s of %(count)s)", {
                paper: paper.label,
                place,
                count: stop.signatures.length,
            }),
            about: [stop.name, stop.value_text].filter(Boolean).join(" · "),
            name: this.draft.name || stop.customer,
            sign: (name, image) => this.save(paper, name, image),
        });
    }

    async save(paper, name, image) {
        this.draft.name = name;
        const { document } = paper;
        const kept = await this.enter("sign", { document, name, image }, (values) => values.document === document);
        const next = this.unsigned.find((other) => other.document !== document);
        if (kept && next && this.alive) {
            this.sign(next);
        }
        return kept;
    }
}
