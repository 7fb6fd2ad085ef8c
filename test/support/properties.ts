import fc from 'fast-check';

/** `fc`, for properties that draw their cases from HOLDFAST_SEED where that is given. */

const seed = process.env['HOLDFAST_SEED'];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

export { fc };
