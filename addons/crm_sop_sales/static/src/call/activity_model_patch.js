import { Activity } from "@mail/core/common/activity_model";
import { fields } from "@mail/core/common/record";

import { patch } from "@web/core/utils/patch";

patch(Activity.prototype, {
    setup() {
        super.setup(...arguments);
        this.call_preparation = fields.Html("");
        /** @type {boolean} whether marking it done logs a contact with a customer */
        this.logs_call = undefined;
    },
});
