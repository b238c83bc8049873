/** Where the image is described, if the project's own file does not do it. */
export const OWN_CONTAINERFILE = 'deploy/Containerfile';

/** The folder of the project in such an image. */
export const CODE_FOLDER = '/app';
