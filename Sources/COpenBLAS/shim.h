#include <cblas.h>
#include <stddef.h>

// LAPACK within OpenBLAS. Its C interface is a package of its own on some systems, so that the Fortran
// routine is declared here; the length of a character argument comes last.

/// The singular values and vectors of a matrix, column by column, in double precision.
void dgesdd_(
    const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
    const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork,
    int *info, size_t jobz_length);
