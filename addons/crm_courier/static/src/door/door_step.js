import { Component, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { CardNumberError } from "./door_service";
import { shrinkPhoto } from "./photo";

/** What an entry that the server hasn't taken says of itself. */
export class EntryNote extends Component {
    static template = "crm_courier.EntryNote";
    static props = { entry: { type: [Object, { value: undefined }], optional: true }, canRetry: { type: Boolean, optional: true } };

    setup() {
        this.door = useState(useService("crm_courier_door"));
    }
}

/** A photo by the phone's camera, small enough to send. */
export class PhotoField extends Component {
    static template = "crm_courier.PhotoField";
    static props = { label: String, photo: String, update: Function };

    setup() {
        this.notification = useService("notification");
        this.state = useState({ busy: false });
    }

    async onChange(event) {
        const [file] = event.target.files;
        event.target.value = "";
        if (!file) {
            return;
        }
        this.state.busy = true;
        try {
            this.props.update(await shrinkPhoto(file));
        } catch {
            this.notification.add(_t("That isn't a picture. Take a photo with the camera."), { type: "danger" });
        } finally {
            this.state.busy = false;
        }
    }
}

/** One step at a door. What is typed and not yet entered is kept while the courier looks at other stops. */
export class DoorStep extends Component {
    static props = { stop: Object, draft: Object, canAct: Boolean };

    setup() {
        this.door = useState(useService("crm_courier_door"));
        this.draft = useState(this.props.draft);
        this.notification = useService("notification");
        this.state = useState({ busy: false });
        this.alive = true;
        onWillUnmount(() => (this.alive = false));
    }

    pending(kind, matches) {
        return this.door.pending(this.props.stop.id, kind, matches);
    }

    waits(kind, matches) {
        return this.pending(kind, matches)?.status === "waiting";
    }

    /**
     * Keep an entry; a refused one of the same kind that it corrects goes away.
     *
     * @returns {Promise<boolean>} whether it is kept
     */
    async enter(kind, values, matches = () => true) {
        if (this.state.busy) {
            return false;
        }
        this.state.busy = true;
        try {
            const refused = this.door.refused.filter(
                (entry) => entry.stop_id === this.props.stop.id && entry.kind === kind && matches(entry.values)
            );
            await this.door.add(this.props.stop.id, kind, values);
            await Promise.all(refused.map((entry) => this.door.discard(entry)));
            return true;
        } catch (error) {
            if (!(error instanceof CardNumberError)) {
                throw error;
            }
            const message = _t("That looks like a card's number. It is never kept: leave it out.");
            this.notification.add(message, { type: "danger" });
            return false;
        } finally {
            this.state.busy = false;
        }
    }
}
