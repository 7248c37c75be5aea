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

    /** By what the server said last: what the screen was drawn with may be older than the queue. */
    get unsigned() {
        const { signatures } = this.door.stop(this.props.stop.id) || this.props.stop;
        return signatures.filter((paper) => !this.isSigned(paper));
    }

    /** Have a paper signed, then the next one that isn't. */
    sign(paper) {
        const { stop } = this.props;
        const place = stop.signatures.findIndex((other) => other.document === paper.document) + 1;
        let kept = false;
        const props = {
            title: _t("%(paper)s (%(place)s of %(count)s)", {
                paper: paper.label,
                place,
                count: stop.signatures.length,
            }),
            about: [stop.name, stop.to_collect && stop.to_collect_text].filter(Boolean).join(" · "),
            name: this.draft.name || stop.customer,
            sign: async (name, image) => (kept = await this.save(paper, name, image)),
        };
        this.dialog.add(SignatureDialog, props, { onClose: () => kept && this.signNext(paper) });
    }

    /** One paper after the other, never two on the screen. */
    signNext(paper) {
        const next = this.unsigned.find((other) => other.document !== paper.document);
        if (next && this.alive) {
            this.sign(next);
        }
    }

    async save(paper, name, image) {
        this.draft.name = name;
        const { document } = paper;
        return this.enter("sign", { document, name, image }, (values) => values.document === document);
    }
}
