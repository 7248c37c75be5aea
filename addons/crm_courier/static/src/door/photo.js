/** Photos are made small on the phone: a courier's network is slow. */

const LONGEST_SIDE = 1280;
const QUALITY = 0.8;

/**
 * @param {Blob} blob
 * @returns {Promise<string>} base64, without the part that says what it is
 */
function toBase64(blob) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
    });
}

/**
 * @param {File} file a picture, as the camera gives it
 * @returns {Promise<string>} base64 of a JPEG of at most 1280 dots, the right way up
 * @throws {Error} it is no picture
 */
export async function shrinkPhoto(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return toBase64(blob);
}
