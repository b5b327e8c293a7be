/* SPDX-License-Identifier: MIT */
/*
 * The driver part of the source annotation language: IRQL, memory and role annotations.
 *
 * Empty for the compiler, like those of sal.h. In Muster the _IRQL_requires_* annotation of a
 * kernel routine in wdm.h is the only declaration of the IRQL range in which it may be called.
 *
 * Source: Windows driver documentation, "IRQL annotations for drivers".
 */
#ifndef MUSTER_DRIVERSPECS_H
#define MUSTER_DRIVERSPECS_H

#include "sal.h"

/* The IRQL at which a function is called, and how it changes the IRQL */
#define _IRQL_requires_(level)
#define _IRQL_requires_min_(level)
#define _IRQL_requires_max_(level)
#define _IRQL_requires_same_
#define _IRQL_raises_(level)
#define _IRQL_saves_
#define _IRQL_saves_global_(kind, parameter)
#define _IRQL_restores_
#define _IRQL_restores_global_(kind, parameter)
#define _IRQL_always_function_min_(level)
#define _IRQL_always_function_max_(level)
#define _IRQL_is_cancel_
#define _IRQL_uses_cancel_

/* Memory, floating point and kernel objects */
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define _Kernel_clear_do_init_(yes_or_no)
#define _Kernel_float_saved_
#define _Kernel_float_restored_
#define _Kernel_float_used_
#define _Kernel_IoGetDmaAdapter_
#define _Kernel_requires_resource_held_(kind)
#define _Kernel_acquires_resource_(kind)
#define _Kernel_releases_resource_(kind)
#define _Dispatch_type_(type)
#define _Flt_CompletionContext_Outptr_
#define __drv_allocatesMem(kind)
#define __drv_freesMem(kind)
#define __drv_aliasesMem
#define __drv_maxIRQL(level)
#define __drv_minIRQL(level)
#define __drv_requiresIRQL(level)
#define __drv_raisesIRQL(level)
#define __drv_setsIRQL(level)
#define __drv_savesIRQL
#define __drv_restoresIRQL
#define __drv_sameIRQL
#define __drv_functionClass(name)
#define __drv_dispatchType(type)
#define __drv_dispatchType_other
#define __drv_when(condition, annotations)
#define __drv_at(target, annotations)
#define __drv_in(annotations)
#define __drv_out(annotations)
#define __drv_inout(annotations)
#define __drv_reportError(text)
#define __drv_preferredFunction(name, reason)
#define __drv_valueIs(values)
#define __drv_strictType(type, mode)
#define __drv_strictTypeMatch(mode)
#define __drv_declspec(annotations)
#define __drv_interlocked
#define __drv_clearDoInit(yes_or_no)

#endif /* MUSTER_DRIVERSPECS_H */
