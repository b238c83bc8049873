/** Where test/delivery/build has put the programs. */
export const PROGRAMS = process.env.DELIVERY_BIN ?? '/tmp/delivery-bin';
