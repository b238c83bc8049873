import { buildImage, loadImage } from '../support/image';

/** An image of an application that somebody else wrote. */
export interface ApplicationImage {
  readonly name: string;
  /** The folder beside this file that has its Containerfile. */
  readonly folder: string;
  /** @default - those of the Containerfile */
  readonly buildArguments?: Record<string, string>;
}

/** Builds an image and brings it to the nodes. */
export async function provideImage({ name, folder, buildArguments }: ApplicationImage): Promise<string> {
  await buildImage(name, `${__dirname}/${folder}`, buildArguments);
  await loadImage(name);
  return name;
}
