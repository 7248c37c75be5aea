/** What is kept on the phone while there is no network: the day as it was last seen, and what waits to be sent. */

const VERSION = 1;
export const DAY = "day";
export const QUEUE = "queue";
export const SENT = "sent";

function finished(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

/** One user's tables in the browser's database. Where the browser has none, nothing outlives the page. */
export class DoorStore {
    /** @param {string} name different for each user and database */
    constructor(name) {
        this.name = name;
        this.opened = this._open();
    }

    /** @returns {Promise<boolean>} whether what is put here is still there when the page is opened again */
    async keeps() {
        return Boolean(await this.opened);
    }

    async get(table, key) {
        return this._do(table, "readonly", (store) => store.get(key));
    }

    /** @returns {Promise<Object[]>} in the order of their keys */
    async all(table) {
        return (await this._do(table, "readonly", (store) => store.getAll())) || [];
    }

    async put(table, value, key) {
        return this._do(table, "readwrite", (store) => store.put(value, key));
    }

    async remove(table, key) {
        return this._do(table, "readwrite", (store) => store.delete(key));
    }

    async clear(table) {
        return this._do(table, "readwrite", (store) => store.clear());
    }

    async _open() {
        try {
            const request = window.indexedDB.open(this.name, VERSION);
            request.onupgradeneeded = () => {
                request.result.createObjectStore(DAY);
                request.result.createObjectStore(QUEUE, { keyPath: "seq", autoIncrement: true });
                request.result.createObjectStore(SENT, { keyPath: "uuid" });
            };
            return await finished(request);
        } catch {
            return null;
        }
    }

    /** Resolves once it is on the disk, not before. */
    async _do(table, mode, work) {
        const database = await this.opened;
        if (!database) {
            return undefined;
        }
        const transaction = database.transaction(table, mode, { durability: "strict" });
        const done = new Promise((resolve, reject) => {
            transaction.oncomplete = resolve;
            transaction.onabort = transaction.onerror = () => reject(transaction.error);
        });
        const request = work(transaction.objectStore(table));
        await done;
        return request.result;
    }
}
