import { buildImage, loadImage } from '../support/image';

export const NEXT_RELEASE = 'docker.io/example/polls:1.5.0';

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

/** The image of the release after the suite's: another stylesheet, and a migration that does as it is told. */
export function provideNextRelease(): Promise<string> {
  return provideImage({ name: NEXT_RELEASE, folder: 'next-release' });
}
